-- What else has the same tensors.
CREATE INDEX contents_by_tensors ON contents (autov3) WHERE autov3 IS NOT NULL;
