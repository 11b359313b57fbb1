"""The Interactions API of Gemini as a library: `client.GeminiClient` follows researches, `answers` talks to models,
`requests` says what can be asked, `webhooks` who may wake us; `wire` and `signals` read what comes back.
"""
