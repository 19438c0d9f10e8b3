#ifndef GRADMATCH_SERVER_TLS_GRPC_CREDENTIALS_H_
#define GRADMATCH_SERVER_TLS_GRPC_CREDENTIALS_H_

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "server/tls/tls_keeper.h"

namespace gradmatch {

// Each connection gets the certificates that `keeper` has in force when it
// begins; those that are open keep theirs. For one port. Borrows `keeper`; both
// that and what is returned must outlive the server that uses them, as gRPC's
// library in C asks them by a bare pointer.
//
// grpc::experimental::FileWatcherCertificateProvider reads the files by itself,
// and gives up the old certificate before it finds that a new key belongs to
// another one: from then on every handshake fails. Here what is in force was
// checked as a whole first. gRPC's interface for certificates that are asked
// for by connection exists in its C library only.
std::shared_ptr<grpc::ServerCredentials> NewServerCredentials(
    const TlsKeeper& keeper);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TLS_GRPC_CREDENTIALS_H_
