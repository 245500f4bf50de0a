/// A publication over UDP, the conductor's half. spec: 06 §9
#pragma once

namespace cpperon::driver {

class NetworkPublication {};

}  // namespace cpperon::driver
