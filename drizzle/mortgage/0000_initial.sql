CREATE TABLE "application" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"loan_amount" bigint NOT NULL,
	"property_value" bigint NOT NULL,
	"interest_rate" integer NOT NULL,
	"term_years" integer NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"held_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "application_status" CHECK ("application"."status" in ('pending', 'approved', 'rejected', 'withdrawn', 'closed')),
	CONSTRAINT "application_amounts" CHECK ("application"."loan_amount" > 0 and "application"."property_value" > 0),
	CONSTRAINT "application_stamp" CHECK (num_nulls("application"."saga_id", "application"."saga_step", "application"."saga_generation", "application"."saga_op") in (0, 4))
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
ALTER TABLE "application" ADD CONSTRAINT "application_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "application_customer" ON "application" USING btree ("customer_id","created_at");