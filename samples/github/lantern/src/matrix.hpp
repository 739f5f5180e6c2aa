// SPDX-License-Identifier: GPL-3.0-only
#include <vector>
class Matrix { std::vector<double> cells; };
