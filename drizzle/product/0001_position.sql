ALTER TABLE "product" ADD COLUMN "position" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE product SET position = made.position
  FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM product) made WHERE made.id = product.id;
--> statement-breakpoint
ALTER TABLE "product" ADD CONSTRAINT "product_position" UNIQUE("position");--> statement-breakpoint
CREATE FUNCTION product_position() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Held until the end of the transaction: one that is rolled back leaves no gap.
  PERFORM pg_advisory_xact_lock(7468002);
  NEW.position := (SELECT coalesce(max(position) + 1, 0) FROM product);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER product_position BEFORE INSERT ON product
  FOR EACH ROW EXECUTE FUNCTION product_position();
