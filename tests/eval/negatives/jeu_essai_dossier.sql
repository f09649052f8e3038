-- Jeu d'essai du module « dossier de suivi », généré le 04/02/2025
-- Patients fictifs : ce fichier ne contient aucune donnée réelle.
INSERT INTO patient (id, nom, prenom, date_naissance, nir, pathologie) VALUES
  (1, 'ALBIGNAC', 'Ophélie', '1990-01-22', '290013512107824', 'VIH'),
  (2, 'BRANTOSME', 'Guilhem', '1975-06-13', '175063512107835', 'Diabète de type 2'),
  (3, 'CAUMARTELLE', 'Astrid', '1968-10-09', '268103512107862', 'Schizophrénie'),
  (4, 'ZZTEST', 'Gamma', '1950-01-01', '150013512107811', 'Cancer du sein');
