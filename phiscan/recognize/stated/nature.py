"""What facts are by nature: a disease that stays, an episode that passes, an operation, a drug of a few days.

Whether "pneumopathie" among the antecedents is over, and "BPCO" is not, stands in no sentence: a reader knows it. The
words are sorted by hand, so that the model has to learn only what each kind of fact does where. Normal form: lower case
ASCII. A word that ends in `*` takes any ending, one that begins with `*` any beginning.
"""

from __future__ import annotations

_NATURES = {
    # diseases that are lived with
    "LASTING":
        "hta hypertendu* diabet* dnid did dt1 dt2 bpco asthm* emphyseme cardiopath* cardiomyopath* coronaropath* "
        "coronarien* aomi arteriopath* arterit* acfa arythmi* irc irt mrc hypothyroid* hashimoto basedow "
        "hyperparathyroid* sclerose sep parkinson* alzheimer* demen* lewy epilep* polyarthrit* rhumatoide spondyl* "
        "lupus lupique crohn rch rectocolite cirrho* psoria* glaucom* dmla osteopor* osteopen* obes* surpoids dyslip* "
        "dyslipid* hypercholest* saos sas apnee* schizo* bipola* tdah autis* tsa trisom* deficien* mucovisc* drepan* "
        "hemophil* polykyst* huntington marfan willebrand thalass* surd* hypoacous* cecit* presbyac* arthros* "
        "gonarthros* coxarthros* fibromyalg* migrain* rgo reflux incontin* neuropath* retinopath* nephropath* amylos* "
        "sarcoidos* endometrio* sopk eczema* atopi* varice* hemochromat* scolio* valvulopath* stenose insuffisance "
        "bronchectas* fibros* myopath* duchenne steinert angor fa fibrillation flutter auriculaire goitre uveite "
        "nevrite vascularite hyperthyr* denutri* lombalg* lynch hyperparathyroidie phenylcet* polypos* neurologique "
        "hemipares* anevrysm* anevrism* seroposit* sida seropos* cholesterol* psychot* gougerot horton behcet "
        "sclerodermi* maladie myasthen* coeliaque coliaque goutte lithiasique hepatopath* nash steatos* myelodysplas* "
        "smd gammapath* mgus vitiligo keratos* retinite amblyop* strabisme dyslexi* dyspras* dysphas* retard "
        "paraplegi* tetraplegi* hemipleg* aphasi* alcoolodepend* chroni* permanent* addison cushing thrombophil* "
        "leiden dysplas* dystroph* syndrome ataxi* polyneuropath* personnalite borderline psychose* toc dysthym* "
        "cannabi* menopause* infertil* sterilit* hyperuric* syringomyel* spasti* allergi* intoleran*",
    # episodes
    "PASSING":
        "infarctus idm sca stemi nstemi avc ait embolie ep tvp phlebit* thrombos* pneumopath* pneumoni* pfla "
        "pyeloneph* cystit* fractur* entors* luxat* appendicit* cholecystit* pancreatit* sigmoid* diverticulit* "
        "peritonit* occlusion* ulcer* hemorrag* melena rectorrag* hematemes* zona varicell* rougeol* rubeol* grip* "
        "covid* sars cov tuberculo* primo meningit* encephalit* erysip* abces phlegmon* sepsis septic* bacteriem* "
        "endocard* otit* angine* bronchiol* bronchit* bpn gastroenterit* gea suicid* imv ts delirium dt coma* "
        "convuls* crise* burn* episode lithias* colique* calcul* pericardit* myocardit* torticolis traumat* "
        "commotion* fausse fcs geu ivg img eclamp* preeclamp* accouch* syphilis gonoc* gonor* chlamyd* gale lyme "
        "palud* dengue chikung* zika hematom* ruptur* tendin* lumbago sciatiq* lombosciat* hernie* eventration oap "
        "choc arret rejet reactiv* neutrop* aplasi* surinfect* infection* pneumothora* epanchement* pleures* arthrit* "
        "osteit* osteomyel* spondylodisc* ost* mononucl* scarlatin* coqueluch* oreillon* typhoid* brucell* salmonel* "
        "legionel* leptospir* toxoplasm* pneumocyst* candid* mycos* condylom* herpes pelade salpingit* prostatit* "
        "orchit* fissure* fistul* pneumomediastin* intoxic* overdose od ictere* cytolyse* hepatite brulure* plaie* "
        "chute* malaise* syncope* vertige* poussee* decompensation* acces bouffee delirant* tentative* depress* "
        "gestation* gravidiq* puerper* kyste* polype* hemorroid* cataract* dechirur* decollement* occlus* ischem* "
        "anemi* hyponatr* hypokal* agranul* toxidermi* urticair* anaphyl* quincke phobi* acidocet* melancol* bav "
        "gastrit* fibrom* rciu civd fecalom* thrombus carpien lemp neurosyphil* borreliose bilharz* decompens* "
        "prematur* toxo baar anorex* boulim* confus* escarre* pseudarthro* algodystro* capsulit* adenopath* embolis* "
        "spdt sdt spdre hospital*",
    # operations
    "DONE":
        "*ectomie *ectomies *plastie *tomie *stomie *desis *scopie pth ptg prothese arthrosc* osteosynth* pontage* "
        "stent* angioplast* ablation* exerese resection* greff* transplant* allogreff* autogreff* cesarienne* "
        "ligature* curetage* conis* radiother* curiether* irradi* chirurg* cure opera* amputat* bypass sleeve anneau "
        "transfus* cgr embolis* lithotrit* drainage derivation defibrill* pacemaker pm dai kyphopl* arthrod* circonc* "
        "aerateur* atelle",
    # drugs of a few days
    "COURSE":
        "augmentin amox* clamoxyl rocephine ceftri* cefot* cefaz* cefix* oroken tazo* piperac* flagyl metronid* "
        "cipro* ciflox oflo* levoflo* tavanic pyostac* pristin* josac* azithro* zithro* clarithro* zeclar vanco* "
        "gentam* amikac* monuril fosfo* furad* nitrofur* selexid pivmec* doxy* extencil* bpg benzathine penicil* "
        "oracil* rovalc* valganc* ganc* zelitrex valaciclo* aciclo* tamiflu oselta* triflucan fluco* rifamp* "
        "rifampic* rimifon isoniaz* ethambut* pyrazin* rifater dalacine clindam* bactrim cotrimox* malarone artesun* "
        "coartem riamet stromectol ivermect* biltricide fucid* teico* dapto* linezo* merop* imipen* ertap* tienam "
        "antibio* solupred medrol bolus norlevo ellaone misoprost* mifegyn* cytotec macrogol fleet moviprep xprep "
        "epclusa maviret harvoni sovaldi daklinza viekirax zepatier sofosbuv* ribavir* interfer* pegasys roferon tpe "
        "pep vermox fluvermal zentel albendaz* methergin rhophylac celest* maturation pylera",
    "URGENT":
        "solumedr* noradr* adrenal* dobutam* hypnovel midazol* ketam* propof* diprivan sufenta* fentanyl exacyl "
        "tranexam* propess synto* nalador sulprost* atosiban tractocile mgso4 narcan naloxon* anexate flumaz* kayex* "
        "perfalgan profenid acupan nefopam titration nebulis* aerosol* atropine ephedr* curare* nimbex celocur* "
        "etomid* actilyse alteplas* tenectep* thromboly* metalys* loxapac tercian sedation* anesth* xyloc* naropein* "
        "rachi* peridur* cefazol* anapen epipen glucagen ventoline catecholam* lovenox isoptine striadyne cordarone",
    "CYCLE":
        "folfox folfiri folfirinox folfox6 ec fec fec100 taxol paclit* doceta* taxotere carbopl* cispl* oxalipl* "
        "gemcit* gemzar navelb* vinorel* chop abvd beacopp mabthera rituxim* herceptin trastuz* pertuz* etopos* "
        "bleomyc* pemetr* alimta cetux* bevaciz* avastin nivolu* pembrol* atezol* durval* capecit* xeloda temoz* "
        "temodal aracyt* cytarab* azacit* venetoc* bortez* velcade lenali* revlimid thalido* daratu* darzalex "
        "melphal* endoxan cycloph* ifosf* doxorub* epirub* caelyx chimio* hormonoth* immunoth* letroz* tamoxif* "
        "anastroz* bcg mmc imatin* glivec osimert* tagrisso olapar* lynparza palboc* ibrance sunitin* sorafen* "
        "lenvat* bep dcf tpf flot ecf cure* cycle*",
    "RELIEF":
        "paracet* doliprane dafalg* efferalg* spasf* ibupr* ains advil lamal* codoli* tramad* contramal topalgic "
        "ixprim smecta imodium loperam* vogal* primper* domper* zophren ondans* gaviscon atarax hydroxyz* imovane "
        "zopicl* stilnox zolpid* xanax alpraz* lexomil bromaz* valium diaz* temesta lorazepam zomig triptan* "
        "actiskenan oramorph oxynorm sevredol natispray trinitr* buccolam nicoret* nicotin*",
    "VACCINE":
        "vaccin* vacc rappel ror dtp dtpolio pneumovax prevenar gardasil priorix infanrix engerix repevax revaxis "
        "immunis* antitetan*",
    # what is granted
    "RIGHT":
        "aah rqth mdph pch aeeh ajpp cmi invalidit* invalide* ald ald1 apa allocat* carte pension rente incapac* "
        "tierce aesh avs sessad esat ime itep ipp tutelle curatelle handicap* exoner* 100 reconnaiss* inapt* mtt "
        "macaron stationnement fauteuil notification protocole ppc oxygeno*",
    # what is measured or looked for
    "TEST":
        "serolog* depist* test tests bilan pcr caryotyp* aghbs ag ac anti hbs hbc igg igm ige tpha vdrl bw trod elisa "
        "western quantiferon igra idr bk hemocult* ecbu copro* bhcg hcg ca15 ca19 ca125 ace afp psa charge virale "
        "genotyp* hla brca brca1 brca2 cftr egfr kras braf nras pdl1 her2 alk ros1 jak2 msi fibroscan dpni hgpo "
        "electrophor* frottis hpv recherche dosage titre sero spectre toxiques alcoolem*",
    "MEASURE":
        "mmol umol mg ml ui mui pmol ng pg giga tera mmhg copies log taux creatin* ferritin* hemoglob* leucocyt* "
        "plaquet* crp asat alat ggt gammagt glycem* hba1c tsh lymphocyt* cd4 albumin* prealb* troponin* bilirub* inr "
        "tp fibrinog* kaliem* natrem* dfg clairance vgm",
    "GERM":
        "vih vhb vhc vha vhe vhd htlv ebv cmv hsv vzv vrs coli klebsiel* pseudom* staphyl* strept* strepto enteroc* "
        "enterob* clostrid* pylori helicob* mycopl* ureapl* trachom* gonorrh* neisser* treponem* candida aspergil* "
        "plasmod* falcip* giard* sarm blse epc erv bmr bhr listeria hiv virus hepatites",
    "USE":
        "tabac* tabag* fume* cigar* alcool* oh ethyl* cannabis thc shit joint* cocain* coke crack heroin* opiac* "
        "amphet* mdma ecstasy ghb poppers drog* toxicom* toxiq* stupef* ketamine chemsex slam vin bieres binge "
        "nicotin* subutex methadon* bupren* suboxone jeu jeux vapot* paquet* pa addict* dependanc* mesusage craving "
        "benzodiazep*",
    "WEANED": "sevr* abstin* arretee repenti*",
    "CARRYING":
        "enceinte* grossess* gemell* sa ddr dpa terme dg gest* pares g1p0 g2p1 g3p2 g1p1 g2p0 g3p1 g4p2 primipar* "
        "multipar* fiv icsi iac pma allait* partum foet* trimestre",
    "SYMPTOM":
        "idee* halluc* delir* anxie* angoiss* insomni* douleur* fievre febri* dyspn* toux cephal* nause* vomiss* "
        "diarrh* odeme* oedeme* ascite* souffl* prurit* asthen* amaigr* agitat* agressiv* scarif* raptus ralentiss* "
        "rumin* ideation tremblement* raideur hematuri* proteinuri* metrorrag* leucorrh* frissons logorrhe* risque "
        "signe* souffle",
    "TUMOUR":
        "cancer* carcino* adenocarc* adk tumeur* lymphom* hodgkin leucem* lmc llc lam lal myelom* melanom* sarcom* "
        "metast* neoplas* neo chc hepatocarc* basocell* spinocell* epiderm* gliobl* mesothel* seminom* neuroblast* "
        "nodule* lesion* masse recidiv* rechut* localisation* ct1 ct2 pt1 pt2 kaposi adenom* carcinos*",
    "GROUP": "rh rhesus phenotyp* groupe rai kell ccdee ccddee",
}
_SHORTEST, _LONGEST = 3, 12


def _by_word() -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    words: dict[str, set[str]] = {}
    beginnings: dict[str, set[str]] = {}
    endings: dict[str, set[str]] = {}
    for nature, listed in _NATURES.items():
        for word in listed.split():
            where = endings if word.startswith("*") else beginnings if word.endswith("*") else words
            where.setdefault(word.strip("*"), set()).add(nature)
    return words, beginnings, endings


_WORDS, _BEGINNINGS, _ENDINGS = _by_word()


def natures(words: list[str]) -> list[str]:
    """Return what a fact of these words is by nature, in order of the names.

    >>> natures(["pneumopathie"]), natures(["cholecystectomie"]), natures(["diabete", "gestationnel"])
    (['PASSING'], ['DONE'], ['CARRYING', 'LASTING', 'PASSING'])
    """
    found: set[str] = set()
    for word in words:
        found |= _WORDS.get(word, set())
        for size in range(2, min(len(word), _LONGEST) + 1):
            found |= _BEGINNINGS.get(word[:size], set())
        for size in range(_SHORTEST, min(len(word), 8) + 1):
            found |= _ENDINGS.get(word[-size:], set())
    return sorted(found)
