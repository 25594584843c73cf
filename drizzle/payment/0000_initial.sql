CREATE TABLE "ledger_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"payment_id" uuid NOT NULL,
	"account" text NOT NULL,
	"amount" bigint NOT NULL,
	"leg" smallint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "ledger_entry_once" UNIQUE("saga_id","saga_step","saga_generation","saga_op","leg"),
	CONSTRAINT "ledger_entry_account" CHECK ("ledger_entry"."account" in ('cash', 'sales')),
	CONSTRAINT "ledger_entry_amount" CHECK ("ledger_entry"."amount" <> 0),
	CONSTRAINT "ledger_entry_guarded" CHECK ("ledger_entry"."saga_id" is not null),
	CONSTRAINT "ledger_entry_stamp" CHECK (num_nulls("ledger_entry"."saga_id", "ledger_entry"."saga_step", "ledger_entry"."saga_generation", "ledger_entry"."saga_op") in (0, 4))
);
--> statement-breakpoint
CREATE TABLE "payment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid,
	"currency_code" text NOT NULL,
	"amount" bigint NOT NULL,
	"status" text DEFAULT 'paid' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "payment_status" CHECK ("payment"."status" in ('paid', 'refunded')),
	CONSTRAINT "payment_amount" CHECK ("payment"."amount" > 0),
	CONSTRAINT "payment_stamp" CHECK (num_nulls("payment"."saga_id", "payment"."saga_step", "payment"."saga_generation", "payment"."saga_op") in (0, 4))
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
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_entry_payment" ON "ledger_entry" USING btree ("payment_id");