DROP INDEX "customer_email";--> statement-breakpoint
CREATE UNIQUE INDEX "customer_email" ON "customer" USING btree (lower("email"::text collate "C"));