"""What is known of a dataset: classes, parts, labels, versions, who has seen which images."""
