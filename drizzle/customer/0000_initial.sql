CREATE TABLE "customer" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "customer_stamp" CHECK (num_nulls("customer"."saga_id", "customer"."saga_step", "customer"."saga_generation", "customer"."saga_op") in (0, 4))
);
--> statement-breakpoint
CREATE TABLE "customer_claim" (
	"customer_id" uuid NOT NULL,
	"claimed_by" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "customer_claim_customer_id_claimed_by_pk" PRIMARY KEY("customer_id","claimed_by"),
	CONSTRAINT "customer_claim_stamp" CHECK (num_nulls("customer_claim"."saga_id", "customer_claim"."saga_step", "customer_claim"."saga_generation", "customer_claim"."saga_op") in (0, 4))
);
--> statement-breakpoint
CREATE TABLE "saga_step" (
	"saga_id" uuid NOT NULL,
	"step" text NOT NULL,
	"generation" smallint NOT NULL,
	"position" integer NOT NULL,
	"op" text NOT NULL,
	"written_by" text NOT NULL,
	"request_hash" text,
	"result" jsonb,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saga_step_saga_id_step_generation_op_pk" PRIMARY KEY("saga_id","step","generation","op"),
	CONSTRAINT "saga_step_written_by" UNIQUE("saga_id","step","generation","op","written_by"),
	CONSTRAINT "saga_step_op" CHECK ("saga_step"."op" in ('do', 'undo') and "saga_step"."written_by" in ('do', 'undo')),
	CONSTRAINT "saga_step_undo_written_by" CHECK ("saga_step"."op" = 'do' or "saga_step"."written_by" = 'undo'),
	CONSTRAINT "saga_step_request_hash" CHECK (("saga_step"."written_by" = 'do') = ("saga_step"."request_hash" is not null))
);
--> statement-breakpoint
ALTER TABLE "customer" ADD CONSTRAINT "customer_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "customer_claim" ADD CONSTRAINT "customer_claim_customer_id_customer_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "customer_claim" ADD CONSTRAINT "customer_claim_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "customer_email" ON "customer" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "customer_claim_claimed_by" ON "customer_claim" USING btree ("claimed_by");