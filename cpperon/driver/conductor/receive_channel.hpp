/// The conductor's record of a receive endpoint. spec: 06 §13.2
#pragma once

namespace cpperon::driver {

class ReceiveChannel {};

}  // namespace cpperon::driver
