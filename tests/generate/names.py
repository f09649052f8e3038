"""Word lists for fictitious people: given names, surnames, streets, towns, insurers.

The names are common ones of every origin met in France; people are random combinations of them. All lists but
`WIDE_SURNAMES` can be written in cp1252; what cp850 lacks is degraded by `tests.generate.people.spell`.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    """Split at white space; a middle dot stands for a space inside a name."""
    return tuple(word.replace("·", " ") for word in text.split())


FEMALE = _words(
    """
    Marie Jeanne Françoise Monique Catherine Nathalie Isabelle Jacqueline Anne Sylvie Martine Madeleine Nicole Suzanne
    Hélène Christine Marguerite Denise Louise Christiane Yvonne Valérie Sophie Sandrine Stéphanie Céline Véronique
    Chantal
    Annie Simone Brigitte Danielle Michèle Josiane Yvette Patricia Thérèse Léa Manon Chloé Emma Camille Océane Inès Zoé
    Anaïs Agathe Éléonore Élodie Émilie Clémence Noémie Mégane Gaëlle Maëlys Solène Rozenn Nolwenn Enora Bérénice Loïse
    Marie-Claude Marie-Thérèse Anne-Sophie Marie-Noëlle Anne-Gaëlle Rose-Marie Fatima Khadija Aïcha Samira Nadia Leïla
    Yasmina Zineb Malika Nawel Houria Djamila Soumaya Rachida Fatoumata Aminata Mariama Aïssatou Bintou Kadiatou Awa
    Oumou Ndeye Ramatoulaye Grâce Espérance Divine Maria Fernanda Conceição Lurdes Giulia Francesca Carmen Dolores
    Pilar Mercedes Agnieszka Katarzyna Malgorzata Svetlana Oksana Ludmila Natacha Elena Ioana Andreea Thi-Lan Linh Mai
    Xuân Phuong Mei Ayse Elif Zeynep Anahit Sirarpie Araksi Siobhan Kalinka Priya Lakshmi Anandi Rahma Zahra Maïmouna
    Hawa Salimata Yolande Ginette Georgette Lucienne Odette Paulette Huguette Raymonde Colette Bernadette Ghislaine
    """
)
MALE = _words(
    """
    Jean Pierre Michel André Philippe René Louis Alain Jacques Bernard Marcel Daniel Roger Robert Paul Claude Christophe
    Henri Georges Nicolas François Patrick Gérard Christian Maurice Laurent Frédéric Guy Éric Stéphane Olivier Julien
    Sébastien Guillaume Yves Cédric Jérôme Benoît Loïc Gaël Yann Erwan Ronan Goulven Maël Tanguy Malo Théo Hugo Lucas
    Raphaël Mathéo Timéo Noé Joël Noël Grégoire Aurélien Rémi Rémy Fabien Régis Hervé Thierry Étienne Gaspard Côme
    Jean-Pierre Jean-Luc Jean-François Pierre-Yves Jean-Noël Jean-Baptiste Paul-Émile Mohamed Ahmed Ali Karim Rachid
    Mustapha Abdelkader Abdallah Youssef Hicham Nordine Farid Samir Ismaël Brahim Lahcen Slimane Mamadou Ousmane
    Ibrahima
    Cheikh Moussa Boubacar Souleymane Seydou Issa Abdoulaye Kouassi Yao Kofi Désiré Fiston José Manuel António Joaquim
    Paulo Giovanni Salvatore Luigi Pasquale Ange Dominique Toussaint Diego Javier Piotr Krzysztof Zbigniew Dragan Goran
    Milan Vasile Mihai Dmitri Igor Minh Duc Hoang Tuan Wei Jun Mehmet Hasan Hüseyin Emre Hagop Vartan Garabed Rajesh
    Suresh Velu Ludovic Edgard Fernand Lucien Armand Gaston Émile Achille Anatole Isidore Théophile Célestin Barnabé
    """
)
SURNAMES = _words(
    """
    Bernard Dubois Durand Moreau Lefebvre Leroy Roux Fournier Girard Bonnet Lambert Fontaine Rousseau Chevalier Garnier
    Faure Mercier Boyer Lefèvre Gauthier Perrin Clément Morin Mathieu Nicolas Masson Marchand Duval Denis Dumont Lemaire
    Noël Meunier Brunet Gérard Renaud Barbier Arnaud Martel Caron Rolland Dufour Colin Picard Aubert Renard Schmitt
    Muller Weber Klein Kieffer Zimmermann Schaeffer Hoffmann Muckensturm Wurtz Kessler Baumann Guéguen Le·Gall Le·Goff
    Le·Roux Le·Bihan Le·Floc'h Quéré Kerbrat Kermarrec Cozic Tanguy Riou Hascoët Le·Guen Jézéquel Madec Abgrall L'Hostis
    Bozec Cadiou Prigent Guillou Corre Plouzané Penven Kerhervé Morvan Jaffré Allanic Le·Meur Le·Ny Euzen Etcheverry
    Ibarra Etchegaray Bidegain Harispe Elissalde Mendiburu Casanova Santoni Mattei Paoli Luciani Pietri Colonna·d'Istria
    Ferrandi Leca Albertini Da·Silva Ferreira Pereira Rodrigues Gonçalves Fernandes Dos·Santos Lopes Teixeira Magalhães
    Conceição Garcia Martinez Fernandez Ibáñez Muñoz Sanchez Nuñez Rossi Esposito Bianchi D'Angelo De·Luca Di·Stefano
    Benali Bouzid Haddad Mansouri El·Amrani El·Khattabi Benaïssa Ben·Youssef Cherif Bouazza Boudiaf Zerrouki Meziane
    Aït·Ouali Belkacem Hamdaoui Sidaoui Tazi Bensaïd Khelifi Lahlou Ouazzani Slimani Rahmani Diallo Traoré Coulibaly
    Konaté Sissoko Diarra Cissé Bathily Soumaré Ndiaye N'Diaye Sow Bâ·Diop Gueye Fofana Touré Camara Ouattara Koné
    Yapi N'Guessan Kouadio Mbemba Mavoungou Ilunga Tshibanda Mukendi Nzuzi Nkoulou Mbarga Etoundi Eyenga Rakoto
    Andrianarisoa Ravelomanana Saïd·Ali Mmadi Abdou·Combo Boyer-Vidal Hoarau Payet Grondin Técher Célestine Saint-Prix
    Jean-Louis Césaire·Belle Marie-Joseph Maximin Nguyen Tran Pham Le·Van Huynh Hoang Vo·Thi Zhang Huang Zhou Kowalski
    Wisniewski Nowak Zielinski Jankowski Petrovic Markovic Jovanovic Popescu Ionescu Munteanu Ivanov Sokolov Kuznetsov
    Yilmaz Özdemir Çelik Aydin Kaya Sarkissian Hagopian Der·Boghossian Papazian Manoukian Lévy Cohen-Solal Benhamou
    Zeitoun Attal Ramassamy Sinnamal Virapoullé Pillai Vandenberghe Van·der·Meersch Van·Acker Vanhoutte Delannoy
    De·Smet Deschamps·de·Vaugelas de·Kergorlay de·La·Tour de·Saint-Aubin du·Plessis·Bellière d'Hautecourt Lecointre
    Lecancerre Bourdeau Chaumont Desnos Ferté Guérineau Hémery Jouanneau Launay Ménard Nivelle Orvoën Pasquier Quentric
    Rétif Sallé Thébault Urvoy Vallée Wattebled Ybert Ménager Bézard Brulé Champion Chéreau Delhommeau Doucet Évrard
    Fléchard Gâtineau Hérault Lécuyer Maréchal Péan Poirier Pottier Proust Rabouin Sévin Tessier Touchard Vétillard
    """
)
WIDE_SURNAMES: tuple[str, ...] = ("Nguyễn", "Trần", "Kovačević", "Wójcik", "Şahin", "Yıldırım", "Dvořák", "Ştefănescu")

STREETS = _words(
    """
    rue·de·la·République rue·Victor·Hugo avenue·Jean·Jaurès rue·des·Lilas boulevard·Carnot place·de·l'Église
    rue·du·Moulin
     chemin·des·Vignes impasse·des·Acacias allée·des·Tilleuls route·de·Vannes rue·Pasteur quai·Saint-Laurent rue·du·Four
     rue·de·Bretagne square·du·Marché résidence·Les·Genêts lotissement·de·la·Lande rue·Émile·Zola rue·Gambetta
     rue·de·l'Abbé·Grégoire avenue·du·Général·Leclerc rue·des·Écoles rue·Anatole·France rue·du·Puits rue·Basse
     rue·de·la·Fontaine·aux·Fées chemin·de·Halage rue·Louis·Aragon rue·Marie·Curie rue·du·8·Mai·1945 cité·des·Peupliers
     rue·Molière rue·de·Kerouman lieu-dit·Le·Bourg·Neuf route·d'Orléans faubourg·Bannier rue·du·Petit·Pont
    """
)
TOWNS: tuple[tuple[str, str], ...] = (
    ("56000", "Vannes"), ("56100", "Lorient"), ("56300", "Pontivy"), ("56400", "Auray"), ("56700", "Hennebont"),
    ("56800", "Ploërmel"), ("56330", "Pluvigner"), ("56230", "Questembert"), ("45000", "Orléans"), ("45100", "Orléans"),
    ("45200", "Montargis"), ("45300", "Pithiviers"), ("45500", "Gien"), ("45190", "Beaugency"),
    ("45600", "Sully-sur-Loire"),
    ("27000", "Évreux"), ("27200", "Vernon"), ("27300", "Bernay"), ("27400", "Louviers"), ("27500", "Pont-Audemer"),
    ("27700", "Les Andelys"), ("22000", "Saint-Brieuc"), ("22300", "Lannion"), ("22600", "Loudéac"), ("22100", "Dinan"),
    ("35000", "Rennes"), ("35300", "Fougères"), ("35400", "Saint-Malo"), ("35600", "Redon"), ("35500", "Vitré"),
    ("41000", "Blois"), ("41100", "Vendôme"), ("41200", "Romorantin-Lanthenay"), ("29000", "Quimper"),
    ("44600", "Saint-Nazaire"),
)  # fmt: skip
INSURERS: tuple[tuple[str, str, str], ...] = (
    ("MUTUELLE DU PONANT", "56010", "VANNES CEDEX"),
    ("MUTUELLE VAL DE LOIRE SANTÉ", "45032", "ORLEANS CEDEX 1"),
    ("PREVOYANCE DES ARTISANS DE L'OUEST", "35040", "RENNES CEDEX"),
    ("MUTUELLE DES PERSONNELS TERRITORIAUX", "75483", "PARIS CEDEX 10"),
    ("SANTE PLUS EURE", "27023", "EVREUX CEDEX"),
    ("ENTRAIDE MUTUALISTE", "41013", "BLOIS CEDEX"),
    ("AXIOME ASSURANCES SA", "92919", "LA DEFENSE CEDEX"),
)
