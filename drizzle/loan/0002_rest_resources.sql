CREATE TABLE "payment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"loan_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"payment_amount" bigint NOT NULL,
	"principal_amount" bigint DEFAULT 0 NOT NULL,
	"interest_amount" bigint DEFAULT 0 NOT NULL,
	"payment_date" timestamp with time zone DEFAULT now() NOT NULL,
	"payment_type" text NOT NULL,
	"status" text DEFAULT 'captured' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "payment_type" CHECK ("payment"."payment_type" in ('regular', 'extra', 'payoff')),
	CONSTRAINT "payment_status" CHECK ("payment"."status" in ('captured', 'allocated', 'refunded')),
	CONSTRAINT "payment_amounts" CHECK ("payment"."payment_amount" > 0 and "payment"."principal_amount" >= 0 and "payment"."interest_amount" >= 0),
	CONSTRAINT "payment_split" CHECK ("payment"."status" <> 'allocated' or "payment"."payment_amount" = "payment"."principal_amount" + "payment"."interest_amount"),
	CONSTRAINT "payment_stamp" CHECK (num_nulls("payment"."saga_id", "payment"."saga_step", "payment"."saga_generation", "payment"."saga_op") in (0, 4))
);
--> statement-breakpoint
ALTER TABLE "ledger_entry" DROP CONSTRAINT "ledger_entry_account";--> statement-breakpoint
ALTER TABLE "loan" DROP CONSTRAINT "loan_amounts";--> statement-breakpoint
ALTER TABLE "loan" ADD COLUMN "outstanding_balance" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "loan" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_loan_id_loan_id_fk" FOREIGN KEY ("loan_id") REFERENCES "public"."loan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payment_loan" ON "payment" USING btree ("loan_id","created_at");--> statement-breakpoint
CREATE INDEX "payment_customer" ON "payment" USING btree ("customer_id","created_at");--> statement-breakpoint
CREATE INDEX "loan_held" ON "loan" USING btree ("held_by") WHERE "loan"."held_by" is not null;--> statement-breakpoint
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_account" CHECK ("ledger_entry"."account" in ('receivable', 'cash', 'unapplied', 'interest', 'opening', 'adjustment'));--> statement-breakpoint
ALTER TABLE "loan" ADD CONSTRAINT "loan_amounts" CHECK ("loan"."loan_amount" > 0 and "loan"."monthly_payment" >= 0 and "loan"."outstanding_balance" >= 0);