/// The conductor's record of a send endpoint. spec: 06 §13.1
#pragma once

namespace cpperon::driver {

class SendChannel {};

}  // namespace cpperon::driver
