/// `cpperond`: a media driver as a program of its own, for all clients of this machine. spec: 06 §4
#include "tools/driver_program.hpp"

int main(const int argument_count, char** const argument_values) {
    return cpperon::tools::run_driver_program(argument_count, argument_values);
}
