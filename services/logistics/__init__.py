"""Logistics: books the consignment, awaits the carrier, lets the goods out, and awaits what is returned.

Hears DeclarationSubmitted, PermitIssued, PermitRevoked, DeclarationRefused, DeclarationCancelled, ReturnAdmitted,
PartyRegistered.
Says ConsignmentBooked, ConsignmentArrived, LogisticsDecided, ConsignmentGatedOut, GoodsReturned, ReturnOverdue.
Keeps carriers (a copy of registry's), waybill numbers in use with their arrivals, bookings, returns awaited, open
reviews.
"""
