# يحسب عمر القمر بالأيام منذ المحاق
SYNODIC_MONTH = 29.530588

# The epoch is explained at https://stackoverflow.com/questions/11759992/calculating-jdayjulian-day
def age(julian_day: float) -> float:
    return (julian_day - 2451550.1) % SYNODIC_MONTH
