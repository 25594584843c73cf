CREATE TABLE "forgotten_saga" (
	"id" uuid PRIMARY KEY NOT NULL
);
