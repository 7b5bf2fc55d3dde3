#!/bin/sh
# A database, an owner and a runtime role for each service: the same rights as deploy/local/databases.py gives.
set -eu
for name in registry portal declaration tax quarantine logistics clearance; do
  psql -v ON_ERROR_STOP=1 -U postgres -d postgres <<SQL
CREATE ROLE "${name}_owner" LOGIN PASSWORD '${OWNERS_PASSWORD}';
CREATE ROLE "${name}" LOGIN PASSWORD '${SERVICES_PASSWORD}';
CREATE DATABASE "${name}" OWNER "${name}_owner";
REVOKE ALL ON DATABASE "${name}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "${name}" TO "${name}";
\connect ${name}
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO "${name}_owner";
GRANT USAGE ON SCHEMA public TO "${name}";
ALTER DEFAULT PRIVILEGES FOR ROLE "${name}_owner" IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "${name}";
ALTER DEFAULT PRIVILEGES FOR ROLE "${name}_owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "${name}";
SQL
done
