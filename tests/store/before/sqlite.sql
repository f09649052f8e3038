-- The tables as phiscan made them before Alembic: never to be changed.
CREATE TABLE fingerprints (
  content TEXT NOT NULL,
  keys BLOB NOT NULL,
  masks BLOB NOT NULL,
  PRIMARY KEY (content)
);
CREATE TABLE groups (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  zone BLOB NOT NULL,
  folder BLOB NOT NULL,
  masked TEXT NOT NULL,
  opened FLOAT NOT NULL,
  told FLOAT,
  pause FLOAT NOT NULL,
  repeat FLOAT,
  escalate FLOAT,
  UNIQUE (kind, zone, folder)
);
CREATE TABLE meta (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
);
CREATE TABLE roots (
  id INTEGER NOT NULL,
  path BLOB NOT NULL,
  device BIGINT,
  inode BIGINT,
  walked FLOAT,
  PRIMARY KEY (id),
  UNIQUE (path)
);
CREATE TABLE incidents (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  version INTEGER NOT NULL,
  root INTEGER NOT NULL,
  path BLOB NOT NULL,
  shown TEXT NOT NULL,
  masked TEXT NOT NULL,
  zone BLOB NOT NULL,
  content TEXT,
  state TEXT NOT NULL,
  resolution TEXT,
  qualification TEXT NOT NULL,
  severity SMALLINT NOT NULL,
  level SMALLINT NOT NULL,
  exposure TEXT NOT NULL,
  facts TEXT NOT NULL,
  complete SMALLINT NOT NULL,
  first_seen FLOAT NOT NULL,
  last_seen FLOAT NOT NULL,
  closed FLOAT,
  alerts INTEGER,
  UNIQUE (rule, path),
  FOREIGN KEY(root) REFERENCES roots (id)
);
CREATE INDEX incidents_alerts ON incidents (alerts);
CREATE INDEX incidents_content ON incidents (content);
CREATE INDEX incidents_path ON incidents (path);
CREATE TABLE ledger (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  root INTEGER NOT NULL,
  path BLOB NOT NULL,
  device BIGINT NOT NULL,
  inode BIGINT NOT NULL,
  size BIGINT NOT NULL,
  mtime_ns BIGINT NOT NULL,
  ctime_ns BIGINT NOT NULL,
  content TEXT,
  status TEXT,
  level SMALLINT NOT NULL,
  facts TEXT,
  gaps TEXT,
  severity SMALLINT DEFAULT '0' NOT NULL,
  detect TEXT,
  rules TEXT,
  read FLOAT,
  pending SMALLINT,
  UNIQUE (root, path),
  FOREIGN KEY(root) REFERENCES roots (id)
);
CREATE INDEX ledger_gaps ON ledger (root) WHERE gaps IS NOT NULL;
CREATE INDEX ledger_inode ON ledger (inode);
CREATE INDEX ledger_pending ON ledger (pending, level, mtime_ns) WHERE pending IS NOT NULL;
CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  alerts INTEGER NOT NULL,
  kind TEXT NOT NULL,
  upto INTEGER,
  due FLOAT NOT NULL,
  created FLOAT NOT NULL,
  claimed FLOAT,
  attempts INTEGER NOT NULL,
  error TEXT,
  sent FLOAT,
  FOREIGN KEY(alerts) REFERENCES groups (id)
);
CREATE INDEX outbox_alerts ON outbox (alerts, channel);
CREATE INDEX outbox_open ON outbox (channel, due) WHERE sent IS NULL;
CREATE TABLE walks (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  root INTEGER NOT NULL,
  started FLOAT NOT NULL,
  ended FLOAT NOT NULL,
  record TEXT NOT NULL,
  signature TEXT NOT NULL,
  FOREIGN KEY(root) REFERENCES roots (id)
);
CREATE TABLE decisions (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  incident INTEGER NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  rule TEXT NOT NULL,
  path BLOB NOT NULL,
  content TEXT,
  persons BIGINT NOT NULL,
  categories TEXT NOT NULL,
  until FLOAT,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  at FLOAT NOT NULL,
  ended FLOAT,
  FOREIGN KEY(incident) REFERENCES incidents (id)
);
CREATE TABLE events (
  seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  incident INTEGER NOT NULL,
  at FLOAT NOT NULL,
  kind TEXT NOT NULL,
  author TEXT NOT NULL,
  data TEXT NOT NULL,
  FOREIGN KEY(incident) REFERENCES incidents (id)
);
CREATE INDEX events_incident ON events (incident);
