"""Benchmarks against the sandbox servers. Nothing here talks to the real Slack or Gemini."""
