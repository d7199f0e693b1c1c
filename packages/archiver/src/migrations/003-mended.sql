-- A ticket of which something was lost is cancelled with a reason of its own.

ALTER TABLE tickets
  DROP CONSTRAINT tickets_reason_check,
  ADD CONSTRAINT tickets_reason_check
    CHECK (reason IN ('declined', 'silent', 'left', 'noShow', 'disconnected', 'mended'));
