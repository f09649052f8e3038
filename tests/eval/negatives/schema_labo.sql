-- LabGest 7.2 - schéma de la base de production (sans données)
-- auteur : équipe SI, contact : si@example.org

CREATE TABLE patient (
    id_patient      BIGINT PRIMARY KEY,
    ipp             VARCHAR(12) NOT NULL,
    nir             CHAR(13),               -- NIR de l'assuré, peut être partagé
    cle_nir         CHAR(2),
    nom_naissance   VARCHAR(60) NOT NULL,
    prenom          VARCHAR(60),
    ddn             DATE,                   -- AAAA-MM-JJ
    sexe            CHAR(1) CHECK (sexe IN ('M','F','I')),
    groupe_abo      VARCHAR(2) CHECK (groupe_abo IN ('A','B','AB','O')),
    rhesus          CHAR(1) CHECK (rhesus IN ('+','-')),
    phenotype       VARCHAR(20),            -- ex. C- E- c+ e+ K-
    ald             SMALLINT,               -- 7 = VIH, 30 = cancer, 8 = diabète
    commentaire     TEXT
);

CREATE TABLE resultat (
    id_resultat     BIGINT PRIMARY KEY,
    id_patient      BIGINT REFERENCES patient(id_patient),
    code_nabm       CHAR(4),                -- 0388 dépistage VIH, 4122 charge virale
    code_loinc      VARCHAR(10),            -- 56888-1, 882-1, 2857-1 (PSA)
    valeur          VARCHAR(40),
    unite           VARCHAR(20) DEFAULT 'mmol/L',
    valide_par      CHAR(11)                -- RPPS du biologiste
);

CREATE INDEX ix_patient_nir ON patient (nir, cle_nir);
COMMENT ON COLUMN patient.commentaire IS 'Interdit : séropositif, HIV +, K sein, enceinte. Voir charte RGPD.';
CREATE VIEW v_vih AS SELECT id_patient FROM resultat WHERE code_nabm IN ('0388','0389','0390','4122') AND valeur = 'POSITIF';
INSERT INTO parametre (cle, valeur) VALUES ('seuil_psa', '4,0 ng/mL'), ('seuil_k', '6,5 mmol/L');
