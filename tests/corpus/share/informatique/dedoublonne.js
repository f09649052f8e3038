// Removes duplicate patients from an export.
const fs = require("fs");
const HIV_CODES = new Set(["B20", "B21", "B22", "B23", "B24", "Z21"]);
const FIELDS = ["nir", "nom", "prenom", "date_naissance", "vih", "grossesse", "commentaire"];

/** Same NIR, same name, same birth date. */
function key(row) {
  return [row.nir, row.nom.toUpperCase(), row.prenom.toUpperCase(), row.date_naissance].join("|");
}

function main(path) {
  const seen = new Map();
  for (const line of fs.readFileSync(path, "latin1").split("\r\n")) {
    const cells = line.split(";");
    const row = Object.fromEntries(FIELDS.map((name, i) => [name, cells[i] || ""]));
    if (!seen.has(key(row))) seen.set(key(row), row); // le premier gagne
  }
  for (const row of seen.values()) if (HIV_CODES.has(row.cim10)) row.commentaire = "";
  return seen.size;
}

console.log(main(process.argv[2]));
