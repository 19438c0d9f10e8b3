#ifndef GRADMATCH_SERVER_IDENTITY_BOOTSTRAP_H_
#define GRADMATCH_SERVER_IDENTITY_BOOTSTRAP_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/identity/token_store.h"

namespace gradmatch {

// The first operator's token, and the way back in when all others are lost or
// over: who may write the server's configuration and start it, on its machine,
// may have one. So at night there is one thing to do, start the server again,
// and no command that would have to work on a closed data folder.

// Where it is written: `option`, or the data folder's name with
// ".operator-token" behind it, so beside the folder and in no copy of it.
std::string BootstrapFile(const std::string& option,
                          const std::string& data_folder);

// Unless a token of role OPERATOR without scopes works, makes one that ends in
// seven days and writes its bearer and a line's end to `path`, readable by the
// owner only; first the file, so that no token is made that nobody can have.
// Whether it did. FailedPrecondition when something else lies there, or the
// path is in `data_folder`.
absl::StatusOr<bool> WriteBootstrapToken(TokenStore& tokens,
                                         const std::string& path,
                                         const std::string& data_folder,
                                         absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_BOOTSTRAP_H_
