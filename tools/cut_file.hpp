/// A file that is cut short while it is mapped. What is mapped beyond its end is no memory any more: the system raises
/// SIGBUS where it is touched, however carefully the length was checked before, and ends the program without a word.
#pragma once

namespace cpperon::tools {

/// From here on such an end is told: the program gives the terminal back, says which file it was on standard error, and
/// exits with status 1. Everything else that raises SIGBUS ends the program as before.
void tell_of_cut_files();

}  // namespace cpperon::tools
