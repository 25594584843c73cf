CREATE TABLE "log_in_failure" (
	"email" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "choreography_ended";--> statement-breakpoint
DROP INDEX "choreography_ended_step";--> statement-breakpoint
CREATE INDEX "log_in_failure_expires" ON "log_in_failure" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "refresh_token_expires" ON "refresh_token" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "choreography_ended" ON "choreography" USING btree ("state","ended_at","saga_id") WHERE "choreography"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "choreography_ended_step" ON "choreography" USING btree ("step","ended_at","saga_id") WHERE "choreography"."ended_at" is not null;