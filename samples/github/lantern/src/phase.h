#ifndef PHASE_H
#define PHASE_H
double age(double julian_day);
#endif
