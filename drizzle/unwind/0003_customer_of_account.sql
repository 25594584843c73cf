ALTER TABLE "account" ADD COLUMN "customer_id" uuid;--> statement-breakpoint
CREATE INDEX "saga_newest_of_caller" ON "saga" USING btree ("caller","created_at","id");--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_customer" UNIQUE("customer_id");