CREATE TABLE "saga_outbox_forgotten" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "saga_outbox_forgotten_once" CHECK ("saga_outbox_forgotten"."one")
);
