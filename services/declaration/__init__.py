"""Declaration: takes one submission in, and tells where it stands.

Matches order, payment, waybill and list, weighs the risk, speaks the gate of customs.
Hears clearance (outcomes, answers to requests) and registry (parties).
Says DeclarationSubmitted, CustomsDecided, AmendmentRequested, CancellationRequested, ReturnRequested.
Keeps filings, natural keys, requests, outcomes and a copy of the parties.
"""
