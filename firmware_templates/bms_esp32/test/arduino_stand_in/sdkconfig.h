// Stand-in for sdkconfig.h: the chip is chosen on the command line.
#pragma once
