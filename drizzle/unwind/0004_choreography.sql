CREATE TABLE "choreography" (
	"saga_id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"seq" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"step" text NOT NULL,
	"attempt" integer,
	"error" text,
	"parked_at" timestamp (3) with time zone,
	"compensating_since" timestamp (3) with time zone,
	"alerted_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "choreography_ended_once" CHECK ("choreography"."ended_at" is null or "choreography"."parked_at" is null)
);
--> statement-breakpoint
CREATE TABLE "daily_count" (
	"day" date NOT NULL,
	"event" text NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "daily_count_day_event_pk" PRIMARY KEY("day","event")
);
--> statement-breakpoint
CREATE TABLE "reaction" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "reaction_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"service" text NOT NULL,
	"event_id" bigint NOT NULL,
	"name" text NOT NULL,
	"done_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"parked_at" timestamp with time zone,
	CONSTRAINT "reaction_once" UNIQUE("service","event_id","name")
);
--> statement-breakpoint
CREATE TABLE "saga_event" (
	"service" text NOT NULL,
	"id" bigint NOT NULL,
	"saga_id" uuid NOT NULL,
	"type" text NOT NULL,
	"payload" jsonb NOT NULL,
	"step" text NOT NULL,
	"op" text NOT NULL,
	"seq" integer,
	"context" jsonb,
	"attempt" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "saga_event_service_id_pk" PRIMARY KEY("service","id"),
	CONSTRAINT "saga_event_seq" UNIQUE("saga_id","seq")
);
--> statement-breakpoint
ALTER TABLE "saga" ADD COLUMN "mode" text DEFAULT 'orchestrated' NOT NULL;--> statement-breakpoint
ALTER TABLE "choreography" ADD CONSTRAINT "choreography_saga_id_saga_id_fk" FOREIGN KEY ("saga_id") REFERENCES "public"."saga"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reaction" ADD CONSTRAINT "reaction_event" FOREIGN KEY ("service","event_id") REFERENCES "public"."saga_event"("service","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "choreography_open" ON "choreography" USING btree ("created_at","saga_id") WHERE "choreography"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "choreography_parked" ON "choreography" USING btree ("created_at","saga_id") WHERE "choreography"."parked_at" is not null;--> statement-breakpoint
CREATE INDEX "choreography_ended" ON "choreography" USING btree ("state","created_at","saga_id") WHERE "choreography"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "choreography_ended_step" ON "choreography" USING btree ("step","created_at","saga_id") WHERE "choreography"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "reaction_due" ON "reaction" USING btree ("name","due_at","id") WHERE "reaction"."done_at" is null and "reaction"."parked_at" is null;--> statement-breakpoint
CREATE INDEX "reaction_parked" ON "reaction" USING btree ("id") WHERE "reaction"."parked_at" is not null;