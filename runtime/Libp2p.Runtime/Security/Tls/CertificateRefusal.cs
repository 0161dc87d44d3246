namespace Libp2p.Security.Tls;

/// <summary>Why a remote's certificate is not believed. docs/tls.md lists them with what each becomes.</summary>
internal enum CertificateRefusal
{
    /// <summary>It is believed.</summary>
    None,

    /// <summary>The remote sent no certificate.</summary>
    Missing,

    /// <summary>It sent more than one: libp2p's are signed by themselves.</summary>
    NotAlone,

    /// <summary>It is longer than <see cref="RemoteCertificate.MaxSize"/>.</summary>
    TooLong,

    /// <summary>It is no X.509 certificate of version 3 in DER.</summary>
    Malformed,

    /// <summary>It is signed by a scheme that TLS 1.3 lacks, or that we do.</summary>
    UnknownSignature,

    /// <summary>It has more extensions than <see cref="RemoteCertificate.MaxExtensions"/>.</summary>
    TooManyExtensions,

    /// <summary>It has an extension that must be understood, and is not.</summary>
    UnknownCriticalExtension,

    /// <summary>The libp2p extension is missing: the remote is a TLS endpoint, but no libp2p peer.</summary>
    NoIdentity,

    /// <summary>The libp2p extension is there twice.</summary>
    TwoIdentities,

    /// <summary>The libp2p extension is no SignedKey.</summary>
    MalformedIdentity,

    /// <summary>Its time has not come, or is over, by more than <see cref="CertificateVerifier.ClockTolerance"/>.</summary>
    OutOfDate,

    /// <summary>Its key is not for signatures, or not for TLS.</summary>
    WrongUsage,

    /// <summary>The identity key is none: unknown algorithm, wrong length, too long.</summary>
    UnusableIdentity,

    /// <summary>It is not signed by its own key.</summary>
    NotSelfSigned,

    /// <summary>The identity did not sign the certificate's key: the certificate is a stranger's, or changed.</summary>
    NotSignedByIdentity,
}
