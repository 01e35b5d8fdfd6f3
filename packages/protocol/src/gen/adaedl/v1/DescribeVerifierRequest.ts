// Original file: ../../proto/adaedl/v1/verification.proto


export interface DescribeVerifierRequest {
}

export interface DescribeVerifierRequest__Output {
}
