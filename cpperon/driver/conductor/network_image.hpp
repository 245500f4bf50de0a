/// An image, the conductor's half. spec: 06 §11
#pragma once

namespace cpperon::driver {

class NetworkImage {};

}  // namespace cpperon::driver
