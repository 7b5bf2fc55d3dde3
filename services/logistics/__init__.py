"""Logistics: books the consignment, awaits the carrier, lets the goods out.

Hears DeclarationSubmitted, PermitIssued, DeclarationRefused, DeclarationCancelled, PartyRegistered.
Says ConsignmentBooked, ConsignmentArrived, LogisticsDecided, ConsignmentGatedOut.
Keeps carriers (a copy of registry's), waybill numbers in use with their arrivals, bookings, open reviews.
"""
