"""Tests unitaires du module d'identitovigilance (aucune donnée réelle)."""
import pytest

from identito import Patient, Resultat, valide_nir, masque

NIR_ZERO = "000000000000000"
NIR_NEUF = "999999999999999"
NIR_GABARIT = "S AA MM DD CCC OOO KK"


@pytest.fixture
def patient():
    return Patient(nom="NOM_TEST", prenom="PRENOM_TEST", ddn="JJ/MM/AAAA", nir=NIR_ZERO, ipp="0000000")


@pytest.mark.parametrize("nir", [NIR_ZERO, NIR_NEUF, "1234", "", None, "abcdefghijklmno"])
def test_nir_refuse(nir):
    assert not valide_nir(nir)


def test_masque():
    assert masque(NIR_GABARIT) == "*" * len(NIR_GABARIT)


def test_serologie_vih_positive_bloquee(patient):
    """Un résultat VIH positif ne part pas sans validation biologique."""
    r = Resultat(patient, code="0388", libelle="Sérologie VIH 1+2", valeur="POSITIF", unite="")
    assert r.bloque
    assert "VIH" in r.motif


def test_groupe_sanguin_deux_determinations(patient):
    r = Resultat(patient, code="GS", libelle="ABO-RH1", valeur="A+", unite="")
    assert r.statut == "PREMIERE_DETERMINATION"


def test_cim10_sans_point():
    assert Resultat.normalise_cim("C50.9") == Resultat.normalise_cim("C509") == "C509"
    assert Resultat.normalise_cim("B24") == "B24"
