CREATE TABLE "saga_outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "saga_outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"saga_id" uuid NOT NULL,
	"event_type" text NOT NULL,
	"payload" jsonb NOT NULL,
	"step" text NOT NULL,
	"generation" smallint NOT NULL,
	"op" text NOT NULL,
	"seq" integer,
	"context" jsonb,
	"attempt" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"parked_at" timestamp with time zone,
	CONSTRAINT "saga_outbox_once" UNIQUE("saga_id","step","generation","op"),
	CONSTRAINT "saga_outbox_choreographed" CHECK (("saga_outbox"."seq" is null) = ("saga_outbox"."context" is null))
);
--> statement-breakpoint
ALTER TABLE "saga_outbox" ADD CONSTRAINT "saga_outbox_guard" FOREIGN KEY ("saga_id","step","generation","op") REFERENCES "public"."saga_step"("saga_id","step","generation","op") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "saga_outbox_due" ON "saga_outbox" USING btree ("due_at","id") WHERE "saga_outbox"."sent_at" is null and "saga_outbox"."parked_at" is null;--> statement-breakpoint
CREATE INDEX "saga_outbox_unsent" ON "saga_outbox" USING btree ("saga_id","id") WHERE "saga_outbox"."sent_at" is null;--> statement-breakpoint
CREATE INDEX "reservation_saga" ON "reservation" USING btree ("saga_id","saga_step","saga_generation");