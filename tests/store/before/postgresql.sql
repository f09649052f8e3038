-- The tables as phiscan made them before Alembic: never to be changed.
CREATE TABLE fingerprints (
  content TEXT NOT NULL,
  keys BYTEA NOT NULL,
  masks BYTEA NOT NULL,
  PRIMARY KEY (content)
);
CREATE TABLE groups (
  id BIGSERIAL NOT NULL,
  kind TEXT NOT NULL,
  zone BYTEA NOT NULL,
  folder BYTEA NOT NULL,
  masked TEXT NOT NULL,
  opened FLOAT NOT NULL,
  told FLOAT,
  pause FLOAT NOT NULL,
  repeat FLOAT,
  escalate FLOAT,
  PRIMARY KEY (id),
  UNIQUE (kind, zone, folder)
);
CREATE TABLE meta (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
);
CREATE TABLE roots (
  id BIGSERIAL NOT NULL,
  path BYTEA NOT NULL,
  device BIGINT,
  inode BIGINT,
  walked FLOAT,
  PRIMARY KEY (id),
  UNIQUE (path)
);
CREATE TABLE incidents (
  id BIGSERIAL NOT NULL,
  rule TEXT NOT NULL,
  version INTEGER NOT NULL,
  root BIGINT NOT NULL,
  path BYTEA NOT NULL,
  shown TEXT NOT NULL,
  masked TEXT NOT NULL,
  zone BYTEA NOT NULL,
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
  alerts BIGINT,
  PRIMARY KEY (id),
  UNIQUE (rule, path),
  FOREIGN KEY(root) REFERENCES roots (id)
);
CREATE INDEX incidents_alerts ON incidents (alerts);
CREATE INDEX incidents_content ON incidents (content);
CREATE INDEX incidents_path ON incidents (path);
CREATE TABLE ledger (
  id BIGSERIAL NOT NULL,
  root BIGINT NOT NULL,
  path BYTEA NOT NULL,
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
  PRIMARY KEY (id),
  UNIQUE (root, path),
  FOREIGN KEY(root) REFERENCES roots (id)
);
CREATE INDEX ledger_gaps ON ledger (root) WHERE gaps IS NOT NULL;
CREATE INDEX ledger_inode ON ledger (inode);
CREATE INDEX ledger_pending ON ledger (pending, level, mtime_ns) WHERE pending IS NOT NULL;
CREATE TABLE outbox (
  id BIGSERIAL NOT NULL,
  channel TEXT NOT NULL,
  alerts BIGINT NOT NULL,
  kind TEXT NOT NULL,
  upto BIGINT,
  due FLOAT NOT NULL,
  created FLOAT NOT NULL,
  claimed FLOAT,
  attempts INTEGER NOT NULL,
  error TEXT,
  sent FLOAT,
  PRIMARY KEY (id),
  FOREIGN KEY(alerts) REFERENCES groups (id)
);
CREATE INDEX outbox_alerts ON outbox (alerts, channel);
CREATE INDEX outbox_open ON outbox (channel, due) WHERE sent IS NULL;
CREATE TABLE walks (
  id BIGSERIAL NOT NULL,
  root BIGINT NOT NULL,
  started FLOAT NOT NULL,
  ended FLOAT NOT NULL,
  record TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(root) REFERENCES roots (id)
);
CREATE TABLE decisions (
  id BIGSERIAL NOT NULL,
  incident BIGINT NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  rule TEXT NOT NULL,
  path BYTEA NOT NULL,
  content TEXT,
  persons BIGINT NOT NULL,
  categories TEXT NOT NULL,
  until FLOAT,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  at FLOAT NOT NULL,
  ended FLOAT,
  PRIMARY KEY (id),
  FOREIGN KEY(incident) REFERENCES incidents (id)
);
CREATE TABLE events (
  seq BIGSERIAL NOT NULL,
  incident BIGINT NOT NULL,
  at FLOAT NOT NULL,
  kind TEXT NOT NULL,
  author TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (seq),
  FOREIGN KEY(incident) REFERENCES incidents (id)
);
CREATE INDEX events_incident ON events (incident);
