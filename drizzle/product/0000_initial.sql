CREATE TABLE "product" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"brand_name" text NOT NULL,
	"price" bigint NOT NULL,
	"inventory" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "product_inventory" CHECK ("product"."inventory" >= 0),
	CONSTRAINT "product_price" CHECK ("product"."price" >= 0),
	CONSTRAINT "product_stamp" CHECK (num_nulls("product"."saga_id", "product"."saga_step", "product"."saga_generation", "product"."saga_op") in (0, 4))
);
--> statement-breakpoint
CREATE TABLE "reservation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"product_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"saga_id" uuid,
	"saga_step" text,
	"saga_generation" smallint,
	"saga_op" text,
	"saga_written_by" text GENERATED ALWAYS AS (saga_op) STORED,
	CONSTRAINT "reservation_amount" CHECK ("reservation"."amount" > 0),
	CONSTRAINT "reservation_stamp" CHECK (num_nulls("reservation"."saga_id", "reservation"."saga_step", "reservation"."saga_generation", "reservation"."saga_op") in (0, 4))
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
ALTER TABLE "product" ADD CONSTRAINT "product_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reservation" ADD CONSTRAINT "reservation_product_id_product_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."product"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reservation" ADD CONSTRAINT "reservation_guard" FOREIGN KEY ("saga_id","saga_step","saga_generation","saga_op","saga_written_by") REFERENCES "public"."saga_step"("saga_id","step","generation","op","written_by") ON DELETE no action ON UPDATE no action;