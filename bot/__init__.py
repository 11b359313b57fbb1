"""Deep research in Slack: a question becomes a row, a runner follows it at Gemini, a dispatcher tells the thread."""
