CREATE TABLE "saga" (
	"id" uuid PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"caller" text NOT NULL,
	"key" text,
	"body_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saga_key" UNIQUE("caller","key")
);
