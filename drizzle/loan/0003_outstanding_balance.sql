UPDATE loan SET outstanding_balance =
  (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE loan_id = loan.id AND account = 'receivable');
--> statement-breakpoint
CREATE FUNCTION ledger_entry_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE loan SET outstanding_balance = outstanding_balance + NEW.amount, modified_at = now() WHERE id = NEW.loan_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_entry_balance AFTER INSERT ON ledger_entry
  FOR EACH ROW WHEN (NEW.account = 'receivable') EXECUTE FUNCTION ledger_entry_balance();
