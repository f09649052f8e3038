#!/usr/bin/env python3
"""Efface les commentaires libres avant export de la base LabGest."""
import csv
import re
import sys

# Termes relevés pendant l'audit ; la liste est celle du DPO.
TERMES = [
    r"s[ée]ro(positi(f|ve)|\s?\+)", r"\b(VIH|HIV)\b", r"\bsida\b", r"\bB2[0-4]\b",
    r"\bcancer\b", r"\bK\s+(du\s+)?(sein|colon|prostate)\b", r"leuc[ée]mie", r"lymphome",
    r"enceinte", r"\bIVG\b", r"\bFIV\b", r"mucoviscidose", r"m[ée]thadone", r"ALD\s?\d+",
]
MOTIF = re.compile("|".join(TERMES), re.I)
COLONNES = ("CIVILITE", "NOM", "PRENOM", "DDN", "NIR", "CLE", "GROUPE", "RH", "COMMENTAIRE")


def efface(ligne):
    """Vide COMMENTAIRE, GROUPE et RH ; tronque NIR."""
    for champ in ("COMMENTAIRE", "GROUPE", "RH", "CLE"):
        ligne[champ] = ""
    ligne["NIR"] = ligne["NIR"][:1] + "X" * 12
    return ligne


def main(entree, sortie):
    with open(entree, encoding="cp1252", newline="") as f, open(sortie, "w", encoding="utf-8", newline="") as g:
        w = csv.DictWriter(g, COLONNES, delimiter=";")
        w.writeheader()
        for ligne in csv.DictReader(f, delimiter=";"):
            if MOTIF.search(ligne["COMMENTAIRE"]):
                print("commentaire sensible effacé", file=sys.stderr)
            w.writerow(efface(ligne))


if __name__ == "__main__":
    main(*sys.argv[1:3])
