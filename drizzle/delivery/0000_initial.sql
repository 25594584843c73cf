CREATE TABLE "delivery" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"status" text DEFAULT 'scheduled' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "delivery_order_id_unique" UNIQUE("order_id"),
	CONSTRAINT "delivery_status" CHECK ("delivery"."status" in ('scheduled', 'cancelled')),
	CONSTRAINT "delivery_stamp" CHECK (num_nulls("delivery"."saga_id", "delivery"."saga_step", "delivery"."saga_generation", "delivery"."saga_op") in (0, 4))
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
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;