ALTER TABLE "saga" ALTER COLUMN "created_at" SET DATA TYPE timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "saga" ALTER COLUMN "created_at" SET DEFAULT now();--> statement-breakpoint
ALTER TABLE "saga" ADD COLUMN "started_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "saga_newest" ON "saga" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "saga_newest_of_type" ON "saga" USING btree ("type","created_at","id");