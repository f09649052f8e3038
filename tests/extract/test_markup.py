"""HTML, XML, RTF, Markdown, and documents in base64 inside them."""

from __future__ import annotations

import base64

import pytest

from tests.extract.opening import read, texts, types

HTML = """<!DOCTYPE html><html><head><title>Liste é</title><style>p {{}}</style><script>var nir = 1</script>
<meta name="author" content="Dr Martin"></head><body><!-- caché -->
<p>Bonjour <b>Marie</b> Durand<br>ligne deux</p>{}<p>Fin</p></body></html>"""


def content(data: bytes, name: str = "file") -> list[object]:
    ((member, status, found),) = read(data, name)
    assert (member, status) == ("", "scanned")
    return found


def test_html_in_reading_order() -> None:
    assert content(HTML.format("").encode()) == [
        "Liste é\nauthor: Dr Martin\ncaché\nBonjour Marie Durand\nligne deux\nFin"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_html_in_any_encoding(encoding: str) -> None:
    assert "Liste é" in str(content(HTML.format("").encode(encoding), "a.html")[0])


def test_html_declared_latin1_is_windows() -> None:
    data = '<html><meta charset="iso-8859-1"><p>œuvre – été</p></html>'.encode("cp1252")
    assert content(data) == ["iso-8859-1\nœuvre – été".removeprefix("iso-8859-1\n")]


def test_html_table_that_lists_people() -> None:
    table = "<table><tr><th>Nom<th>NIR<tr><td>DURAND<td>279<tr><td>MARTIN<td>180</table>"
    found = texts(HTML.format(table).encode())
    assert content(HTML.format(table).encode())[1] == [["Nom", "NIR"], ["DURAND", "279"], ["MARTIN", "180"]]
    assert [(text.line, text.text) for text in found][1] == (6, "Fin")


def test_html_table_of_results_and_form_stay_text() -> None:
    results = "<table><tr><td>Hb<td>13<tr><td>VIH<td>positif<tr><td>K<td>4</table>"
    form = "<table><tr><td>Nom</td><td>DURAND</td></tr><tr><td>Prénom</td><td>Marie</td></tr></table>"
    assert content(f"<html>{results}{form}".encode()) == ["Hb | 13\nVIH | positif\nK | 4\nNom : DURAND\nPrénom : Marie"]


def test_html_attributes_that_people_read() -> None:
    data = b'<html><img alt="photo"><input name="nom" value="DURAND"> ici <a href="mailto:x@y.fr">ecrire</a>'
    assert content(data) == ["photo\nmailto:x@y.fr\nnom: DURAND ici ecrire"]


def test_html_nested_without_end() -> None:
    assert content(b"<html>" + b"<div>" * 3_000 + b"fond") == ["fond"]
    found = content(b"<html>" + b"<div>" * 200_000 + b"fond")
    assert sum(map(len, map(str, found))) >= 1_000_000
    assert str(found[-1]).endswith("<div>fond")


def test_xml_as_lines_with_records_apart() -> None:
    data = b"<?xml version='1.0'?><r><p id='1'><nom>DURAND</nom><cp>75</cp></p><p id='2'><nom>PETIT</nom></p></r>"
    assert content(data) == ["p@id: 1\nnom: DURAND\ncp: 75\n\np@id: 2\nnom: PETIT\n"]


def test_xml_says_what_is_an_author_s() -> None:
    data = (
        b"<?xml version='1.0'?><r><p><nom>DURAND</nom><author id='7'><name><family>MARTIN</family></name></author>"
        b"<cp>75</cp></p><AuthorList><Author><LastName>Petit</LastName></Author></AuthorList><creator>Blanc</creator></r>"
    )
    assert content(data) == [
        "nom: DURAND\nauthor author@id: 7\nauthor family: MARTIN\ncp: 75\n\nauthor LastName: Petit\n\ncreator: Blanc"
    ]


def test_xml_in_its_declared_encoding() -> None:
    data = "<?xml version='1.0' encoding='ISO-8859-1'?><r><nom>Hélène</nom></r>".encode("latin-1")
    assert content(data) == ["nom: Hélène"]


def test_cda() -> None:
    data = b"""<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patient><given>Marie</given>
    <family qualifier="BR">DURAND</family><birthTime value="19790312"/></patient></recordTarget>
    <text><paragraph>S\xc3\xa9rologie <content>VIH</content> positive</paragraph>
    <table><tr><td>Hb</td><td>13</td></tr></table></text></ClinicalDocument>"""
    assert content(data) == [
        "given: Marie\nfamily@qualifier: BR\nfamily: DURAND\nbirthTime: 19790312\n\n"
        "paragraph: Sérologie VIH positive\nHb | 13\n"
    ]
    assert types(data) == ["application/cda+xml"]


def test_fhir_xml() -> None:
    data = (
        b'<Patient xmlns="http://hl7.org/fhir"><name><family value="DURAND"/></name><birthDate value="1979"/></Patient>'
    )
    assert content(data) == ["family: DURAND\n\nbirthDate: 1979"]


def test_documents_in_base64_are_parts() -> None:
    letter = base64.encodebytes(rb"{\rtf1\ansi Mme Durand est suivie pour une sclerose.\par}" + b" " * 300)
    plain = letter.replace(b"\n", b"")
    cda = b"<ClinicalDocument xmlns='urn:hl7-org:v3'><text>" + letter + b"</text><id>1</id></ClinicalDocument>"
    fhir = b'{"resourceType": "DocumentReference", "data": "' + plain + b'", "id": "1"}'
    hl7 = b"MSH|^~\\&|A\rPID|1||123\rOBX|1|ED|X||^PDF^Base64^" + plain + b"\rOBX|2|TX|fin"
    want = ("embedded-1", "scanned", ["Mme Durand est suivie pour une sclerose."])
    for data in (cda, fhir, hl7):
        found = read(data)
        assert [(member, status, [text.strip() for text in inner]) for member, status, inner in found[1:]] == [want]
    assert read(cda)[0][2] == ["id: 1"]
    assert read(fhir)[0][2] == ["resourceType: DocumentReference\ndata: \nid: 1\n"]


def test_external_entities_are_not_followed() -> None:
    data = b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r><n>a&x;b</n></r>"
    assert content(data) == ["n: ab"]


def test_billion_laughs() -> None:
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10 if n else 'ha' * 20}'>" for n in range(12))
    data = f"<?xml version='1.0'?><!DOCTYPE r [{entities}]><r><n>avant</n><n>&a11;</n></r>".encode()
    found = content(data)
    assert found[-1] == "gap bomb: XML entities expand too far"
    assert sum(map(len, map(str, found))) < 20 << 20


def test_broken_xml_is_read_as_plain_text() -> None:
    data = b"<?xml version='1.0'?><r><n>Durand</n><m>Marie</n></r>"
    assert content(data) == [data.decode()]


def test_xml_cut_short_is_read_to_the_cut() -> None:
    assert content(b"<?xml version='1.0'?><r><n>Durand</n><m>Marie") == ["n: Durand\nm: Marie"]


def test_a_long_value_is_no_bomb() -> None:
    found = content(b"<?xml version='1.0'?><r><n>" + b"mot " * 3_000_000 + b"</n><m>Durand</m></r>")
    assert "Durand" in str(found[-1])
    assert not any("gap" in str(chunk)[:3] for chunk in found)


def test_long_broken_xml_is_lines_first_and_plain_text_behind() -> None:
    record = b"<p><nom>DURAND</nom></p>"
    data = b"<?xml version='1.0'?><r>" + record * 30_000 + b"<p>fin</r>"
    found = [str(text) for text in content(data)]
    assert found[0].startswith("nom: DURAND\n\nnom: DURAND")
    assert found[-1].endswith("<p>fin</r>")
    assert sum(text.count("DURAND") for text in found) >= 30_000


def test_long_xml_is_numbered_and_complete() -> None:
    data = b"<?xml version='1.0'?><r>" + b"<p><nom>DURAND</nom></p>" * 60_000 + b"</r>"
    found = texts(data)
    assert sum(text.text.count("DURAND") for text in found) == 60_000
    assert found[1].line == found[0].text.count("\n") + 2


def test_rtf_with_header_properties_and_table() -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title Titre CR}}{\header\pard Patient : DURAND\par}"
        rb"\pard Corps \'e9t\'e9 {\b gras}\par\trowd Hb\cell 13\cell\row{\pict\pngblip "
        + b"89504e47" * 300
        + rb"}Fin\par}"
    )
    lines = [line.strip() for line in str(content(data)[0]).split("\n") if line.strip()]
    assert lines == ["Titre CR", "Patient : DURAND", "Corps été gras", "Hb|13|", "Fin"]


def test_markdown_is_text() -> None:
    assert content(b"# Titre\n\n| a | b |\n", "a.md") == ["# Titre\n\n| a | b |\n"]


def test_svg_is_text() -> None:
    assert content(b"<svg xmlns='http://www.w3.org/2000/svg'><text>Mme <tspan>Durand</tspan></text></svg>") == [
        "text: Mme Durand\n"
    ]


def test_source_code_is_no_prose() -> None:
    (text,) = texts(b"def f():\n    return 1\n", "a.py")
    assert not text.prose


CODED = "<row><f1>DURAND</f1><f2>Hélène</f2></row><row><f1>PETIT</f1></row><row><f1>NOËL</f1><f2/></row>"


def test_xml_rows_whose_fields_say_nothing_are_a_table() -> None:
    assert content(f"<rows>{CODED}</rows>".encode()) == [[["DURAND", "Helene"], ["PETIT", ""], ["NOEL", ""]]]


@pytest.mark.parametrize(
    "data",
    [
        "<rows><row><nom>DURAND</nom><cp>75</cp></row><row><nom>PETIT</nom></row><row><nom>NOEL</nom></row></rows>",
        f"<rows>{CODED}loose</rows>",
        f"<rows>{CODED}<!-- DURAND --></rows>",
        f"<rows v='2'>{CODED}</rows>",
        f"<rows>{CODED}<other><f1>x</f1></other></rows>",
        f"<rows>{CODED}<row><f1>x<b>y</b></f1></row></rows>",
    ],
)
def test_other_xml_is_lines(data: str) -> None:
    assert [type(one) for one in content(data.encode())] == [str]
